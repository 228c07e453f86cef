"""What is gathered of a message, a domain or an account, and the engines that gather it."""
