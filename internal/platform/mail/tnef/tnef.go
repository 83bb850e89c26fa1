// Package tnef opens winmail.dat, the wrapper Outlook puts around attachments (MS-OXTNEF).
//
// It reads names, bytes and types of attachments and the text of the message; appointments and other objects are passed
// over. It takes any bytes without failing hard and reads no more than it was given; a damaged wrapper gives what stood
// before the damage, with an error.
package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// File is one attachment. Name is as it stood, in UTF-8 or in the code page of the sender.
type File struct {
	Name string
	Type string // media type, often empty
	Data []byte // shares memory with what was read
}

// Content is what a wrapper holds.
type Content struct {
	Text  string // body in plain text
	HTML  []byte
	Files []File
}

// ErrFormat says that the bytes are no wrapper, or a damaged one.
var ErrFormat = errors.New("tnef: not readable")

const (
	signature = 0x223e9f78

	attBody        = 0x800c
	attAttachData  = 0x800f
	attAttachTitle = 0x8010
	attAttachRend  = 0x9002
	attMsgProps    = 0x9003
	attAttachment  = 0x9005

	propBody       = 0x1000
	propHTML       = 0x1013
	propAttachData = 0x3701
	propShortName  = 0x3704
	propLongName   = 0x3707
	propMime       = 0x370e

	maxFiles = 1000
)

// Read opens a wrapper.
func Read(b []byte) (Content, error) {
	var c Content
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return c, ErrFormat
	}
	b = b[6:]
	for len(b) > 0 {
		if len(b) < 11 {
			return c.finish(), ErrFormat
		}
		level, id, size := b[0], binary.LittleEndian.Uint16(b[1:]), int(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		if size < 0 || size > len(b)-2 || level != 1 && level != 2 {
			return c.finish(), ErrFormat
		}
		c.attribute(id, b[:size])
		b = b[size+2:]
		if len(c.Files) > maxFiles {
			return c.finish(), ErrFormat
		}
	}
	return c.finish(), nil
}

// finish drops attachments that hold nothing.
func (c *Content) finish() Content {
	kept := c.Files[:0]
	for _, f := range c.Files {
		if len(f.Data) > 0 || f.Name != "" {
			kept = append(kept, f)
		}
	}
	c.Files = kept
	return *c
}

func (c *Content) last() *File {
	if len(c.Files) == 0 {
		c.Files = append(c.Files, File{})
	}
	return &c.Files[len(c.Files)-1]
}

func (c *Content) attribute(id uint16, data []byte) {
	switch id {
	case attAttachRend:
		c.Files = append(c.Files, File{})
	case attAttachTitle:
		if f := c.last(); f.Name == "" {
			f.Name = cString(data)
		}
	case attAttachData:
		c.last().Data = data
	case attBody:
		c.Text = cString(data)
	case attMsgProps:
		each(data, func(id, kind uint16, v []byte) {
			switch id {
			case propBody:
				c.Text = text(kind, v)
			case propHTML:
				c.HTML = v
			}
		})
	case attAttachment:
		f := c.last()
		each(data, func(id, kind uint16, v []byte) { f.property(id, kind, v) })
	}
}

func (f *File) property(id, kind uint16, v []byte) {
	switch id {
	case propLongName:
		f.Name = text(kind, v)
	case propShortName:
		if f.Name == "" {
			f.Name = text(kind, v)
		}
	case propMime:
		f.Type = text(kind, v)
	case propAttachData:
		if len(f.Data) == 0 && kind == 0x0102 {
			f.Data = v
		}
	}
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// text reads a string property: 0x1f is UTF-16, others are in the code page of the sender.
func text(kind uint16, v []byte) string {
	if kind != 0x1f {
		return cString(v)
	}
	u := make([]uint16, 0, len(v)/2)
	for ; len(v) >= 2; v = v[2:] {
		c := binary.LittleEndian.Uint16(v)
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u))
}

// reader takes numbers and bytes off the front; it remembers when there were too few.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u32() int {
	b := r.take(4)
	if r.bad {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b))
}

// each calls fn with every property of a list (MS-OXTNEF 2.1.3.4), with the last value of those that have several.
func each(data []byte, fn func(id, kind uint16, value []byte)) {
	r := &reader{b: data}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		head := r.u32()
		if r.bad {
			return
		}
		kind, id := uint16(head&0xffff), uint16(head>>16)
		if id >= 0x8000 {
			r.name()
		}
		values := 1
		if kind&0x1000 != 0 || variable(kind&0x0fff) {
			values = r.u32()
		}
		var v []byte
		for ; values > 0 && !r.bad; values-- {
			v = r.value(kind & 0x0fff)
		}
		if !r.bad && v != nil {
			fn(id, kind&0x0fff, v)
		}
	}
}

// name passes over the name of a named property.
func (r *reader) name() {
	r.take(16)
	if r.u32() == 0 {
		r.take(4)
		return
	}
	n := r.u32()
	r.take((n + 3) / 4 * 4)
}

func variable(kind uint16) bool {
	return kind == 0x1e || kind == 0x1f || kind == 0x0102 || kind == 0x0d
}

func (r *reader) value(kind uint16) []byte {
	switch {
	case variable(kind):
		n := r.u32()
		if n > len(r.b) {
			r.bad = true
			return nil
		}
		v := r.take(n)
		r.take((4 - n%4) % 4)
		return v
	case kind == 0x02 || kind == 0x03 || kind == 0x04 || kind == 0x0a || kind == 0x0b:
		return r.take(4)
	case kind == 0x48:
		return r.take(16)
	default:
		return r.take(8)
	}
}
