"""Starting points that 'corridor new' writes: a small scenario that runs, and a node that takes part in a run."""
