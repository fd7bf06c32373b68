"""An office's own Time Release Study: reading its stamps, fitting a border side to them, writing those of a run."""
