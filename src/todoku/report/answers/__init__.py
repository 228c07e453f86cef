"""What stored reports tell, as a reader meets it: ``words/pages/`` puts each answer into words and tables, and each form has a file."""
