"""L2, L1 and proximal L1 penalties against their strength, and the units that survive them."""
