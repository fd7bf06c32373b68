"""The subcommands of ``corridor``, one module each."""
