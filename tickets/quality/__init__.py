"""Quality review: tickets are sampled, a supervisor marks the work by a scorecard, its agent sees and answers."""
