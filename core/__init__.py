"""What every room stands on: database, money, clock, outbox, mail, HTTP, web security, logs."""
