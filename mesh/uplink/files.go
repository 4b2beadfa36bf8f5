package uplink

// files is how many receivers wait for pieces of files.
func (r *Request) files() (n int) {
	for _, v := range r.Receivers {
		if v.Files {
			n++
		}
	}
	return n
}

// giveFiles gives those who wait for files what sound and pictures leave of the uplink, as far as their paths take it. It proves
// what the uplink carries as well as filler does, which is not needed then.
func (r *Request) giveFiles(d *Division) {
	d.Wants = true
	spare := r.Uplink*(1-reserve) - d.Cost
	each := max(spare, 0) / float64(r.files())
	for i, v := range r.Receivers {
		if !v.Files {
			continue
		}
		s := &d.Shares[i]
		path := v.Path
		if path <= 0 {
			path = pathAtFirst
		}
		// Sound and pictures use less than they may, and come first: some of the path is left, or it never proves to take more.
		room := max(path*pathShare-s.Cost, path*filesShare)
		s.Files = max(min(each, room), filesLeast)
		if v.Queue {
			s.Files = filesLeast
		}
		spare -= s.Files
	}
	if spare = max(spare, 0); spare < fillerFrom*r.Uplink {
		spare = 0
	}
	for i := range d.Shares {
		d.Shares[i].Filler = min(d.Shares[i].Filler, spare/float64(len(d.Shares)))
	}
}
