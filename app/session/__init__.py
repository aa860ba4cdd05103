"""Drive one candidate's session from the device test to the receipt."""
