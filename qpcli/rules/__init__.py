"""What the law says to do, in the order of the calculation."""
