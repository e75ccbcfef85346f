"""The text line: what a text means, the words of the reply, and how many parts they need."""
