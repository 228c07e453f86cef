"""What others say of a requirement: the receiver itself, Google, AWS, and time."""
