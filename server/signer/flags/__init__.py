"""Feature flags: gradual rollout of policy values, experiments, and the switch to bulk uploads."""
