package phone

import "sync"

// partsOnDisk are the part files that this process writes, so that what two members offer at once is written once, and that all which
// were accepted fit on their disk together.
type partsOnDisk struct {
	mu    sync.Mutex
	parts map[string]*partFile // by their paths
	disks map[*partFile]string // on which disk they are, of those whose size counts there

	freeSpace func(folder string) (disk string, free float64, known bool)
}

var openParts = newPartsOnDisk(freeSpaceOn)

func newPartsOnDisk(free func(folder string) (string, float64, bool)) *partsOnDisk {
	return &partsOnDisk{parts: map[string]*partFile{}, disks: map[*partFile]string{}, freeSpace: free}
}

// claim makes a path this part file's; false if it is another's.
func (o *partsOnDisk) claim(p *partFile) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parts[p.part()] != nil {
		return false
	}
	o.parts[p.part()] = p
	return true
}

// reserve is errNoSpace if what is missing of a part file does not fit on its disk, beside what is missing of the others there. Of two at
// once the later one sees both. What others write meanwhile counts twice, never not at all.
func (o *partsOnDisk) reserve(p *partFile) error {
	disk, _, known := o.freeSpace(p.folder)
	if !known {
		return nil // writing will tell
	}
	var needed int64
	o.mu.Lock()
	o.disks[p] = disk
	for other, its := range o.disks {
		if its == disk {
			needed += other.missing()
		}
	}
	o.mu.Unlock()
	if _, free, known := o.freeSpace(p.folder); known && free < float64(needed) {
		return errNoSpace
	}
	return nil
}

// release gives path and room back.
func (o *partsOnDisk) release(p *partFile) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.parts, p.part())
	delete(o.disks, p)
}
