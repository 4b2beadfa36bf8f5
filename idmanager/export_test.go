package idmanager

// MemoryPool is the pool of a directory in memory, for tests outside this package.
type MemoryPool struct{ pool *pool }

// NewMemoryPool makes an empty one.
func NewMemoryPool() MemoryPool { return MemoryPool{newPool()} }

// Client is one user's directory; with many, several identities may bear one name.
func (p MemoryPool) Client(where string, many bool) IdManager {
	if many {
		return shared{p.pool.client(where)}
	}
	return p.pool.client(where)
}
