"""Pure decisions of Slipstream: no JavaScript, no await, no clock, no random."""
