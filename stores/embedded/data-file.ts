import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { StoreError } from "../../lib/errors.ts";

/*
 * LMDB maps its file into memory and believes what it finds there: a page that is cut off or overwritten ends the
 * process. So every page that can be reached is looked at before LMDB is let near it. Offsets are those of mdb.c
 * (MDB_page, MDB_meta, MDB_db, MDB_node) with data version 2 and 64-bit page numbers.
 */
const magic = 0xbeefc0de;
const dataVersion = 2;
const headerSize = 24;
const smallestPage = 4_096;
const largestPage = 65_536;
const pageKind = { branch: 1, leaf: 2, overflow: 4 } as const;
const nodeFlag = { overflow: 1, subDatabase: 2 } as const;
const nodeSize = 8;
/** An empty tree has no root: all bits of its number are set. */
const noRoot = 0xffff_ffff_ffff;

interface Meta {
  readonly transaction: bigint;
  readonly pageSize: number;
  /** Roots of the free list and of the main database. */
  readonly roots: readonly number[];
}

interface DataFile {
  readonly descriptor: number;
  readonly pageSize: number;
  readonly pages: number;
  /** Numbers of the pages yet to be looked at. */
  readonly queue: number[];
}

/**
 * Looks at the structure of an LMDB file. Reads the file only.
 * @throws StoreError "damaged" or "unknown-version".
 */
export function checkDataFile(path: string): void {
  // Elsewhere page numbers have another size or order, and what LMDB itself checks must do.
  const known = endianness() === "LE" && ["arm64", "x64", "riscv64", "loong64"].includes(process.arch);
  if (!known) return;
  const descriptor = openSync(path, "r");
  try {
    checkSnapshots(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Another process may write meanwhile and reuse pages of the snapshot; then there is a newer one to look at. */
function checkSnapshots(descriptor: number): void {
  let meta = readMeta(descriptor);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (isSound(descriptor, meta)) return;
    const newer = readMeta(descriptor);
    if (newer.transaction === meta.transaction) throw damaged();
    meta = newer;
  }
  // A process that commits all the time has the file in good use.
}

function readMeta(descriptor: number): Meta {
  const first = metaAt(descriptor, 0);
  const second = metaAt(descriptor, first.pageSize);
  return second.transaction > first.transaction ? second : first;
}

function metaAt(descriptor: number, position: number): Meta {
  const page = Buffer.alloc(160);
  if (readSync(descriptor, page, 0, page.length, position) < page.length) throw damaged();
  if (page.readUInt32LE(24) !== magic) throw damaged();
  if ((page.readUInt32LE(28) & 0xffff) !== dataVersion) {
    throw new StoreError("unknown-version", "The data of the store were written by another version of LMDB.");
  }
  const pageSize = page.readUInt32LE(48);
  if (pageSize < smallestPage || pageSize > largestPage) throw damaged();
  return { transaction: page.readBigUInt64LE(152), pageSize, roots: [pageNumber(page, 88), pageNumber(page, 136)] };
}

function isSound(descriptor: number, { pageSize, roots }: Meta): boolean {
  const pages = Math.floor(fstatSync(descriptor).size / pageSize);
  const file: DataFile = { descriptor, pageSize, pages, queue: roots.filter((root) => root !== noRoot) };
  const page = Buffer.alloc(pageSize);
  let visited = 0;
  for (let number = file.queue.pop(); number !== undefined; number = file.queue.pop()) {
    visited += 1;
    // More pages than the file has: they form a ring.
    if (visited > pages || !isPage(file, page, number)) return false;
  }
  return true;
}

/** Reads a page of a tree and queues those below it. */
function isPage(file: DataFile, page: Buffer, number: number): boolean {
  if (!holds(file, page, number)) return false;
  const kind = page.readUInt16LE(18) & 0x0f;
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower > upper || upper > file.pageSize - headerSize) return false;
  const isNode = kind === pageKind.branch ? isBranchNode : kind === pageKind.leaf ? isLeafNode : isNone;
  for (let slot = headerSize; slot < headerSize + lower; slot += 2) {
    const node = page.readUInt16LE(slot) + headerSize;
    if (node + nodeSize > file.pageSize || !isNode(file, page, node)) return false;
  }
  return true;
}

/** Reads a page, as far as there is one and it bears its number. */
function holds(file: DataFile, page: Buffer, number: number): boolean {
  if (number < 2 || number >= file.pages) return false;
  const read = readSync(file.descriptor, page, 0, page.length, number * file.pageSize);
  return read === page.length && pageNumber(page, 0) === number;
}

/** Of 64 bits, of which a file in this world uses less than 48. */
function pageNumber(page: Buffer, position: number): number {
  const number = page.readUIntLE(position, 6);
  return page.readUInt16LE(position + 6) === 0 || number === noRoot ? number : Number.POSITIVE_INFINITY;
}

function isNone(): boolean {
  return false;
}

function isBranchNode(file: DataFile, page: Buffer, node: number): boolean {
  file.queue.push(page.readUIntLE(node, 6));
  return true;
}

function isLeafNode(file: DataFile, page: Buffer, node: number): boolean {
  const flags = page.readUInt16LE(node + 4);
  const data = node + nodeSize + page.readUInt16LE(node + 6);
  const size = flags & nodeFlag.overflow ? headerSize : page.readUInt32LE(node);
  if (data + size > file.pageSize) return false;
  if (flags & nodeFlag.overflow) return isOverflow(file, pageNumber(page, data), pageNumber(page, data + 16));
  if (flags & nodeFlag.subDatabase) {
    const root = pageNumber(page, data + 40);
    if (root !== noRoot) file.queue.push(root);
  }
  return true;
}

function isOverflow(file: DataFile, first: number, pages: number): boolean {
  const header = Buffer.alloc(headerSize);
  return (
    first + pages <= file.pages && holds(file, header, first) && (header.readUInt16LE(18) & 0x0f) === pageKind.overflow
  );
}

function damaged(): StoreError {
  return new StoreError("damaged", "The data of the store are damaged. Restore them from a backup.");
}
