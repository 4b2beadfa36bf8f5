package flashcrypto

// The primes of the MODP groups, each 2^n − 2^(n−64) − 1 + 2^64·(⌊2^(n−130)·π⌋ + c) with a small c; a test computes them.
// They differ in their middle digits only.
const (
	// modp1024 is group 2 (RFC 7296 appendix B.2), modp1536 group 5 (RFC 3526 §2), modp2048 group 14 (§3).
	modp1024 = modpHead + modp1024Tail
	modp1536 = modpHead + modp1536Tail
	modp2048 = modpHead + modp2048Tail

	modpHead = "" +
		"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
		"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
		"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"

	modp1024Tail = "" +
		"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff"

	modp1536Tail = "" +
		"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
		"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
		"9ed529077096966d670c354e4abc9804f1746c08ca237327ffffffffffffffff"

	modp2048Tail = "" +
		"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
		"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
		"9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
		"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
		"3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff"
)

// Lengths in bytes of private exponents: twice the groups' strength (RFC 3526 §8: up to 160 bits for group 14, 120 for
// group 5; group 2 is weaker still, below 90), where it matters with margin.
const (
	modp2048ExponentLen = 40
	modp1536ExponentLen = 30
	modp1024ExponentLen = 28
)
