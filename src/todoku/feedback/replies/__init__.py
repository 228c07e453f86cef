"""What replies of receivers and of SES mean, one file for each who replies."""
