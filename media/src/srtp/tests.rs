//! Vectors of the RFCs, and agreement with an independent implementation.
