"""One-to-one care 一对一关爱: a resident, the two who look after them, and what they found."""
