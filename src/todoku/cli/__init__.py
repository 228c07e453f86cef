"""The command line: one file a command. Modules import only click at the top, so that ``--help`` starts at once."""
