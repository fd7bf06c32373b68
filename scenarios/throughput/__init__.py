"""What ``corridor bench exchange`` runs: a node that sends, and a bare echo, each in a process of its own."""
