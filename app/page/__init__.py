"""What the candidate sees: one module a view. Views show what they are told and hand on wishes; they decide nothing."""
