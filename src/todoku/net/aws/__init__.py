"""Reading AWS: its clients, how fast they may ask, and what its errors mean."""
