"""What a flight was: seen while it flies, judged and told afterwards."""
