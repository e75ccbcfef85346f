"""A phone that texts the service's line through the generic gateway and shows the replies."""
