"""What the candidate sees: one module per view. Views render state and dispatch actions; they decide nothing."""
