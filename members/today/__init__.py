"""Today: whom to ring, why, and what came of it. The first thing an organiser sees at the desk."""
