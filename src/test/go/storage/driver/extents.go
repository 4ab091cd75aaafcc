package driver

import (
	"bytes"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

const (
	// The grid on which two images are compared.
	blockBytes = 4096
	// Read at once.
	chunkBytes = 256 * blockBytes
)

// Compares two images, from a byte on that is the start of the first block, and reports every block that differs, in
// ascending order. What lies behind the end of an image reads as zeros, and so does an absent base. Holes that both have
// are not read.
func differences(base, target *os.File, from int64, report func(offset int64) error) error {
	end, err := lengthOf(target)
	if err != nil {
		return err
	}
	old, now := make([]byte, chunkBytes), make([]byte, chunkBytes)
	for offset := from; offset < end; {
		next, err := nextData(target, offset, end)
		if err != nil {
			return err
		}
		if base != nil {
			other, err := nextData(base, offset, end)
			if err != nil {
				return err
			}
			next = min(next, other)
		}
		offset += (next - offset) / blockBytes * blockBytes
		if offset >= end {
			return nil
		}
		if err := errors.Join(read(base, old, offset), read(target, now, offset)); err != nil {
			return err
		}
		for at := int64(0); at < chunkBytes && offset+at < end; at += blockBytes {
			if !bytes.Equal(old[at:at+blockBytes], now[at:at+blockBytes]) {
				if err := report(offset + at); err != nil {
					return err
				}
			}
		}
		offset += chunkBytes
	}
	return nil
}

func lengthOf(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// The first byte from offset on that is not in a hole, or the end.
func nextData(file *os.File, offset, end int64) (int64, error) {
	next, err := unix.Seek(int(file.Fd()), offset, unix.SEEK_DATA)
	if err == unix.ENXIO {
		return end, nil
	}
	return next, err
}

// Fills the buffer with the bytes at offset.
func read(file *os.File, buffer []byte, offset int64) error {
	length := 0
	if file != nil {
		var err error
		if length, err = file.ReadAt(buffer, offset); err != nil && err != io.EOF {
			return err
		}
	}
	clear(buffer[length:])
	return nil
}
