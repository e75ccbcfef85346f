"""A real SMTP server that delivers everything into one mailbox, and the pages to read it."""
