"""``corridor validate`` from inside: which files, how they are judged on all cores, and how it is told."""
