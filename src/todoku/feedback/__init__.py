"""What receivers send back, taken apart: bounces and reports. No I/O, no clock."""
