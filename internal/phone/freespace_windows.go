package phone

import "golang.org/x/sys/windows"

// freeSpace is errNoSpace if so many bytes do not fit on the disk that a folder is on.
func freeSpace(folder string, bytes int64) error {
	path, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return err
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(path, &free, nil, nil) == nil && float64(free) < float64(bytes) {
		return errNoSpace
	}
	return nil // or it cannot be told; writing will
}
