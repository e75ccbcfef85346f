"""A newspaper's article on another site, with the donation form in its foot."""
