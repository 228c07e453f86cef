"""What receivers ask for: one file each, found by walking this folder. To add one, add a file; nothing lists them."""
