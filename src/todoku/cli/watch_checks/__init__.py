"""What a round of ``todoku watch`` looks at, a file for each kind of look. One that cannot look says so and hinders no other."""
