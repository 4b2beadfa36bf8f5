package phone

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// freeSpaceOn is how many bytes fit on the disk that a folder is on, and which disk that is; false if it cannot be told.
func freeSpaceOn(folder string) (disk string, free float64, known bool) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", 0, false
	}
	path, err := windows.UTF16PtrFromString(absolute)
	if err != nil {
		return "", 0, false
	}
	var bytes uint64
	if windows.GetDiskFreeSpaceEx(path, &bytes, nil, nil) != nil {
		return "", 0, false
	}
	return filepath.VolumeName(absolute), float64(bytes), true
}
