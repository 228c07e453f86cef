"""What a message is: bytes in, values out. No I/O, no clock."""
