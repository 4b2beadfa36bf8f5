package middle

import "slices"

// maxRemembered bounds what he remembers of each phone.
const maxRemembered = 100

// memory are the proofs and messages of the comparison that phones have sent, newest last, by the phone's folded name.
type memory map[string][]Signal

// remember keeps what may be worth replaying.
func (m *Middle) remember(from *leg, s Signal) {
	if s.Kind != kindProof && s.Kind != kindCompare {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.memory == nil {
		m.memory = memory{}
	}
	all := append(m.memory[fold(from.name)], s)
	m.memory[fold(from.name)] = all[max(0, len(all)-maxRemembered):]
}

// remembered is what a phone has sent so far.
func (m *Middle) remembered(name string) []Signal {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.memory[fold(name)])
}
