"""What a person reads after a run: the page, its pictures, the sentences and the tables of the console."""
