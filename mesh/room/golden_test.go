package room

// Golden vectors: of each sample document the length and the first 8 bytes of its SHA-256. Whatever changes them is another version.
// The identities are those of the seeds 01…01, 02…02 and 03…03.
var golden = map[string]string{
	"acceptance":             "013b483c0173736cbf2b",
	"bundle":                 "043856123e9c429f414f",
	"card":                   "00d9809f5b61726406e3",
	"digest":                 "0021a41c05efa0278cc5",
	"entry":                  "01b1995719d4913c680a",
	"invitation":             "00d561f7750139dbac51",
	"join":                   "0229c5e51a268b9aaeae",
	"lapse":                  "00aa4cabff40f4394427",
	"record":                 "02b6d42ec18e26443907",
	"records":                "02caf1ee0ebefde56138",
	"refusal":                "00120885c67ce721d3f1",
	"removal by the inviter": "0256ca46fdd80b85c41c",
	"removal by the opener":  "00c5625bef5fe162f761",
	"summary":                "0044f170a1914cb8c01a",
}

const goldenRoom = "a157fb543fd91734de29dd3435e28bab"
