package app

import (
	"net/url"
	"path/filepath"
)

// openFolder shows where a file was saved, in the desktop's own way.
func (p *chatPanel) openFolder(f File) {
	folder := &url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Dir(f.Path))}
	if err := p.c.u.app.OpenURL(folder); err != nil {
		p.c.say("No program here shows folders. The file is "+f.Path+".", toneWaiting)
	}
}
