"""What has changed since it was last looked at, and when somebody is told: signals, and alarms made of them. No I/O."""
