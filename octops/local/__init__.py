"""Models that run inside octops: their weights, how those come here, and the runtime that speaks with them."""
