"""What the measurements over HTTP stand on: servers to measure, and somebody who asks them."""
