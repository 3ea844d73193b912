"""The registers that the law asks for: who saw personal data in full, who took data out, who read a case not theirs."""
