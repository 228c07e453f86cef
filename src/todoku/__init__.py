"""todoku (届く): proves that mail sent through Amazon SES meets what receivers ask of senders."""

__version__ = "0.1.0"
