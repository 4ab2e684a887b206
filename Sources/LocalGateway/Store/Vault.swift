// Vault: the key that seals what the store must keep and nobody may read, the logins of vCenters. It lies beside the
// store in `gateway.key`, for its owner only, so that a copy of the store alone gives nothing away.
import AWSCore
import Glibc

enum Vault {
  static let fileName = "gateway.key"

  /// The key of a folder.
  /// - Parameter mayMake: true where nothing was sealed yet, so that an absent key can be made.
  static func open(in folder: String, mayMake: Bool) throws(LocalGatewayError) -> AES256GCM {
    let path = "\(folder)/\(fileName)"
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      guard errno == ENOENT else { throw LocalGatewayError("Cannot open \(path): \(errorText()).") }
      guard mayMake else {
        throw LocalGatewayError(
          "\(path) is missing: without it the credentials in the store cannot be read. Put it back, or move "
            + "\(StoreFile.fileName) away to start afresh.")
      }
      return try make(path, in: folder)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw LocalGatewayError(
        "\(path) is not a regular file. It must be the key that was made with the store.")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw LocalGatewayError("\(path) can be read by others than its owner. Run: chmod 600 \(path)")
    }
    let text = try? BoundedRead.part(of: descriptor, from: 0, count: AES256GCM.keyLength * 2 + 2)
    guard let bytes = Digest.bytes(hex: trimmed(String(decoding: text ?? [], as: UTF8.self))),
      let key = AES256GCM(key: bytes)
    else {
      throw LocalGatewayError(
        "\(path) is not a key: it must hold \(AES256GCM.keyLength * 2) hexadecimal digits. Put the key back that was "
          + "made with the store, or move \(StoreFile.fileName) away to start afresh.")
    }
    return key
  }

  /// Made under another name and renamed, as the store is: a file with the final name is whole.
  private static func make(_ path: String, in folder: String) throws(LocalGatewayError) -> AES256GCM {
    let bytes = AES256GCM.random(AES256GCM.keyLength)
    let text = Array((Digest.hex(bytes) + "\n").utf8)
    let draft = path + ".new"
    unsafe unlink(draft)
    let descriptor = unsafe Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let isWritten = descriptor >= 0 && (try? WholeWrite.all(text, to: descriptor)) != nil
    if descriptor >= 0 { close(descriptor) }
    guard isWritten, StoreFile.sync(draft), unsafe rename(draft, path) == 0, StoreFile.sync(folder),
      let key = AES256GCM(key: bytes)
    else {
      let reason = errorText()
      unsafe unlink(draft)
      throw LocalGatewayError("Cannot make \(path): \(reason).")
    }
    return key
  }
}
