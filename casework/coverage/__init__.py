"""Who answers for which place and firm on any day, and what nobody answers for."""
