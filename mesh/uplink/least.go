package uplink

// Least is what sound as usual and a picture of the least kind to everybody who shows it take of the uplink, with acknowledgements for the
// pictures of all others, in bit/s on the link: with less there are no pictures for all.
func (r Request) Least() float64 {
	r.withDefaults()
	everyones, _ := r.feedback()
	pictures := float64(r.wishes()) * r.pictureCost(Sizes[0].Least, Layers, r.Headers)
	return (float64(len(r.Receivers))*soundSteps[0].Cost(r.Headers) + everyones + pictures/everyoneShare) / (1 - reserve)
}
