// Signatures of one text by keys that nobody has any more, for tests without ssh-keygen: OpenSSH 9.2 made those that are
// named after it, Python's cryptography the others; ssh-keygen -Y verify believed each good one.
import Testing

@testable import Scripts

struct TrustVector: Sendable, CustomTestStringConvertible {
  let name: String
  /// As a .pub file has it.
  let key: String
  /// What stands between the lines of a signature file.
  let signature: String

  init(_ name: String, key: String, signature: String) {
    self.name = name
    self.key = key
    self.signature = signature
  }

  var testDescription: String { name }
  /// The signature file, with lines of 70 characters.
  var file: [UInt8] { armored(Array(signature.utf8)) }
  /// What it holds.
  var blob: [UInt8] { Base64.decode(signature.utf8) ?? [] }

  /// What they signed.
  static let text = Array("print(1)\n".utf8)
}

/// A signature file around base64.
func armored(_ base64: [UInt8]) -> [UInt8] {
  var file = Array("-----BEGIN SSH SIGNATURE-----\n".utf8)
  for start in stride(from: 0, to: base64.count, by: 70) {
    file += base64[start..<min(start + 70, base64.count)] + Array("\n".utf8)
  }
  return file + Array("-----END SSH SIGNATURE-----\n".utf8)
}

extension TrustVector {
  static let good = [
    TrustVector(
      "ssh-keygen -t ed25519",
      key: """
        ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPtio+3T8/6T9cG+tb/hqoBUgQd1b5OdLTnTQZ+NdOcp
        """,
      signature: """
        U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg+2Kj7dPz/pP1wb61v+GqgFSBB3Vvk50tOdNBn4105ykAAAAQbW9vbmdh\
        dGUtc25pcHBldAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEDrp2s3p4Ufd8VnP13Ms3HXGbHIG6dFFg/AH8Ei\
        lHcH4jYrDdKf8WDcPm91/CJTvP8yAgzbvMCTA2QFf6+y3/wG
        """),
    TrustVector(
      "ssh-keygen -t ecdsa -b 256",
      key: """
        ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJmvmyfZE3Ccd8fmzSw85y34dSgg\
        zIMJbYvdjP4gTEGeRk4l6KDyAI3IrAT6eGs7+8PTXspeKdaVDbGA3dQSlWY=
        """,
      signature: """
        U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAEEEma+bJ9kTcJx3x+bNLDznLfh1KCDM\
        gwlti92M/iBMQZ5GTiXooPIAjcisBPp4azv7w9Neyl4p1pUNsYDd1BKVZgAAABBtb29uZ2F0ZS1zbmlwcGV0AAAAAAAAAAZzaGE1\
        MTIAAABkAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABJAAAAIQDvH4SBZeu5p8drwt62v1en9kzEITm607m06sqzmoexwQAAACBY\
        AR9OSa//W8TvU3LOqSjU8pP6S7zaxtaot6yD4446dw==
        """),
    TrustVector(
      "ssh-keygen -t ecdsa -b 384",
      key: """
        ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBPz9L0g+ZAlQOPEoUhzWrnoQmqnc\
        E6sjgp72CRxfuy95qXJRPGDqprHu633F8R3Ag1GgR7MXP7jDLQ+9Wh2U5HuIO4sOorDb1SKwnk7k4mEfZf1MZU51d9EKFhena7mC\
        GA==
        """,
      signature: """
        U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAGEE/P0vSD5kCVA48ShSHNauehCaqdwT\
        qyOCnvYJHF+7L3mpclE8YOqmse7rfcXxHcCDUaBHsxc/uMMtD71aHZTke4g7iw6isNvVIrCeTuTiYR9l/UxlTnV30QoWF6druYIY\
        AAAAEG1vb25nYXRlLXNuaXBwZXQAAAAAAAAABnNoYTUxMgAAAIMAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAGgAAAAwJQsEshIN\
        JiHcPkP1favOGdqOVZOq3qoyrv1UpfXX24IiIJ+jJTWLiWA/xJMpGKqLAAAAMCig7OsooaLUEbIb7yCQ0vV1Xew/NpE35TcDB+ih\
        ssa2He8R4OUoEFZdLas48K2g0w==
        """),
    TrustVector(
      "ssh-keygen -t ecdsa -b 521",
      key: """
        ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHGzeYJfnL94j8bOeeyU1KVH5FQ\
        H7aos+VNX1SlpISn7iV0FutEkMnnaxQegROpmfDi0/fGrAACmVOKj8p0pGqJDQDI1E4R4G/qzpNCxZB6L3EWYwCmZHVaWVvDdgVc\
        JSt3f58GTVCTeh/jvFT5CSZD+qU3O3M7WTS/25WqICZis4fKhg==
        """,
      signature: """
        U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAIUEAcbN5gl+cv3iPxs557JTUpUfkVAf\
        tqiz5U1fVKWkhKfuJXQW60SQyedrFB6BE6mZ8OLT98asAAKZU4qPynSkaokNAMjUThHgb+rOk0LFkHovcRZjAKZkdVpZW8N2BVwl\
        K3d/nwZNUJN6H+O8VPkJJkP6pTc7cztZNL/blaogJmKzh8qGAAAAEG1vb25nYXRlLXNuaXBwZXQAAAAAAAAABnNoYTUxMgAAAKUA\
        AAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAIoAAABBPYqbF5IxT+WqV/kgbeY7M+Am4oBkhTL6I9nIo9QTLx9eTXVyK/t3QsNc5MuJ\
        unVp5/gW4wDQ6I+5fLmgN4UPa80AAABBd83FluBrgV63t52kA9ZhmmCAv0Y4k3Xs2RHP1tUFRzGgy+ECjsppIQWIotBZ6I3W3C5g\
        UgQRozyhHtg8wuhLElU=
        """),
    TrustVector(
      "ssh-keygen -t rsa -b 2048",
      key: """
        ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDBBhnsGE+MGX9XzYK2wotMlN4g1zMs89VkboCk2inWvEgsma3tOMWZzEq+vA0D\
        rrjV8n82NWcFlWpTHHtfjuMTQy+hqXQD2iy5rFsZJVpdvIx1uprPNs3qWRZXx4t16iD6MtS8B/VkjIbLwvVJoEfksItCgK6K940E\
        T7q+m+kQ/ykDpbvkNVz9jSD39PY/Zi0dg5xUanqXoGauwlvzjlTnRBb+q5/N8sEXfy5QszfQ9aDfPvw6RjSNcakb9DOIVg3jA3QK\
        e9von5MuAtxswurY5tPe0t31YKSra7Byiep8F2AS9nOT+1OKjPZNnAZ8sPNF8RchmloMJ/ILDBv4zust
        """,
      signature: """
        U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAMEGGewYT4wZf1fNgrbCi0yU3iDXMyzz1WRugKTaKda8SCyZre04\
        xZnMSr68DQOuuNXyfzY1ZwWValMce1+O4xNDL6GpdAPaLLmsWxklWl28jHW6ms82zepZFlfHi3XqIPoy1LwH9WSMhsvC9UmgR+Sw\
        i0KAror3jQRPur6b6RD/KQOlu+Q1XP2NIPf09j9mLR2DnFRqepegZq7CW/OOVOdEFv6rn83ywRd/LlCzN9D1oN8+/DpGNI1xqRv0\
        M4hWDeMDdAp72+ifky4C3GzC6tjm097S3fVgpKtrsHKJ6nwXYBL2c5P7U4qM9k2cBnyw80XxFyGaWgwn8gsMG/jO6y0AAAAQbW9v\
        bmdhdGUtc25pcHBldAAAAAAAAAAGc2hhNTEyAAABFAAAAAxyc2Etc2hhMi01MTIAAAEAFc32ehc1GYQAObIv+vXlz21LmGTuEkuo\
        wTxUf7KwP81nsqllVDlQAfRguaydbBFLawSQU+Q9YGXQFXQDo3L1y9H2aCRrZfncCBToZHi2DWQr+3yJDp3PF7F3hNhVnkTwFQeG\
        nZudoe1MrvuL71uuPlR5xB/pZpujRtlTGqQERxCQInh5O2WytDyWMhg9BLkjv44MIoATNWWTVRw5l/u2Pm7Qs5S26yEEz8n1VXsD\
        Oc+yzOEciD5qBLrxpoWT+n00uLAXFJOGpQp/tyoPMD3KolNKl22h+6d9FRAi77VbGIlp4EqyKRwaWc6JjQYPMe8XXf5+SEHMoVTz\
        1SwU4D2qiA==
        """),
    TrustVector(
      "RSA with SHA-256",
      key: """
        ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC2sZ4nrCioJlVll9vzI4pgI5kAuLAeObITdZxMqe+6x1tIaErK8tbi/4Hac4SQ\
        S72+7G+CDiRLIzxAgr0ACPxlZIxhnMyb30oEc1QWigeVtqr2ZAYDgeMMMbecBysRjfz5sjw3881agHdGB4RHlmOy6ntdrZ4wXsGz\
        eF2r6/ohtZkUIeKYT5WC61NKWmP917NgLXsBjoXgfEVn06pqWIDtM7wREb30csaXUy7SAUgfbyAoz7fkEhzrSjQKoOlbQ7UAku+i\
        ETJ/Yt1ei5pAopy1sUZdl/vIiajKmux6KP2z5P8THSQ9apQ3WQza/u2/HoGeZ2a7lt0DfMCIMwPeTWch
        """,
      signature: """
        U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBALaxniesKKgmVWWX2/MjimAjmQC4sB45shN1nEyp77rHW0hoSsry\
        1uL/gdpzhJBLvb7sb4IOJEsjPECCvQAI/GVkjGGczJvfSgRzVBaKB5W2qvZkBgOB4wwxt5wHKxGN/PmyPDfzzVqAd0YHhEeWY7Lq\
        e12tnjBewbN4Xavr+iG1mRQh4phPlYLrU0paY/3Xs2AtewGOheB8RWfTqmpYgO0zvBERvfRyxpdTLtIBSB9vICjPt+QSHOtKNAqg\
        6VtDtQCS76IRMn9i3V6LmkCinLWxRl2X+8iJqMqa7Hoo/bPk/xMdJD1qlDdZDNr+7b8egZ5nZruW3QN8wIgzA95NZyEAAAAQbW9v\
        bmdhdGUtc25pcHBldAAAAAAAAAAGc2hhNTEyAAABFAAAAAxyc2Etc2hhMi0yNTYAAAEAs1b58i0QO6NLiL08uRhxyZV84dWG4hRR\
        PUVNB0BpAEztDSLD0r3dIVx2fxRPDMrFW2bqpHwTa1scH80GDY39QAE/ysng1Zajcl7ktQV06ln/fBU+a/XVDdkCGhbKfFiOUkXD\
        J6XoLEv0xC+UWrhwZNgHdLWoMCPO8BW1ZGGqPnd+xZoT6bVCemSda9987AixLbdTcPm3XoPIOvZmbMfHxhBxd3ekD8fbWsAvTkYy\
        +N9WX5CPKGAMihga74pIdFPpJrEXEZhxGkpQ0Jt4Kb5hDW5ON73rMB2MclSPiErIy9bWWjw0BH7AzXOHeDcDKhS/DnwB50A+Pa6g\
        wXtrfCM/fQ==
        """),
    TrustVector(
      "sha256 of the file",
      key: """
        ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIxLCEanO6QqJjbere+rJ+SCjz/KgZpNMF3FltlewCEM
        """,
      signature: """
        U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgjEsIRqc7pComNt6t76sn5IKPP8qBmk0wXcWW2V7AIQwAAAAQbW9vbmdh\
        dGUtc25pcHBldAAAAAAAAAAGc2hhMjU2AAAAUwAAAAtzc2gtZWQyNTUxOQAAAEBkBtoWNax/AL9z1QdpkBU4Zv3E/IDQ+8LJ3Hm4\
        sSq2DtOb2YSLCG33Ul/UEwbRRlqfr9mcPppAlaY2HjXE9fEL
        """),
    TrustVector(
      "security key, Ed25519",
      key: """
        sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIOmI1EIk7td6OV4N3hhxK0KpkB/us\
        VvOyRuPahUHCwENAAAABHNzaDo=
        """,
      signature: """
        U1NIU0lHAAAAAQAAAEoAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAAAg6YjUQiTu13o5Xg3eGHErQqmQH+6xW87JG49q\
        FQcLAQ0AAAAEc3NoOgAAABBtb29uZ2F0ZS1zbmlwcGV0AAAAAAAAAAZzaGE1MTIAAABnAAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5z\
        c2guY29tAAAAQA4+oUXbWsej0aMD1LZdBlTmXdphGEAe9iiHCaS+ZM6cKdtu5P3LKcW1P90+1S8LFZcGIr9M6bgUAB3aNIAtBgAB\
        AAAABw==
        """),
    TrustVector(
      "security key, ECDSA",
      key: """
        sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyN\
        TYAAABBBC6Ku2PX2tQ54hJVbpbEZc46vOd1MLSw2K6qwWrocjNCnRCkcWD1EoGgrYCZ9K3zRi7RYii8OOzpxUcmPSG6uU8AAAAEc\
        3NoOg==
        """,
      signature: """
        U1NIU0lHAAAAAQAAAH8AAAAic2stZWNkc2Etc2hhMi1uaXN0cDI1NkBvcGVuc3NoLmNvbQAAAAhuaXN0cDI1NgAAAEEELoq7Y9fa\
        1DniElVulsRlzjq853UwtLDYrqrBauhyM0KdEKRxYPUSgaCtgJn0rfNGLtFiKLw47OnFRyY9Ibq5TwAAAARzc2g6AAAAEG1vb25n\
        YXRlLXNuaXBwZXQAAAAAAAAABnNoYTUxMgAAAHcAAAAic2stZWNkc2Etc2hhMi1uaXN0cDI1NkBvcGVuc3NoLmNvbQAAAEgAAAAg\
        ZCafUSn1La3j8UBTrJsumpLtVhArPo1CDT/EYi+yPv4AAAAgDm+cEhpXoR0UwRjuh4n8Ev72We9eNeuB9kTB7QOOoe4BAAAABw==
        """),
  ]

  static let bad = [
    TrustVector(
      "RSA of 1024 bits",
      key: """
        ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCfhuCgc+dGOKcU/n+AtImydPWUtZ5IpucoI20XPipu8bKMCHhWH4okEZ6kDS4U\
        k/x81od12nezXF31Bfz26m+BtlcCSe9QvuaHTM6BMToSLmCIT2hsdb4UlSpg0ahWDQJZCGBCqFtta5G6zhTdkOL2UnYO1qzY2QhX\
        TYK/0kQi4Q==
        """,
      signature: """
        U1NIU0lHAAAAAQAAAJcAAAAHc3NoLXJzYQAAAAMBAAEAAACBAJ+G4KBz50Y4pxT+f4C0ibJ09ZS1nkim5ygjbRc+Km7xsowIeFYf\
        iiQRnqQNLhST/HzWh3Xad7NcXfUF/Pbqb4G2VwJJ71C+5odMzoExOhIuYIhPaGx1vhSVKmDRqFYNAlkIYEKoW21rkbrOFN2Q4vZS\
        dg7WrNjZCFdNgr/SRCLhAAAAEG1vb25nYXRlLXNuaXBwZXQAAAAAAAAABnNoYTUxMgAAAJQAAAAMcnNhLXNoYTItNTEyAAAAgGDW\
        yZHJFJEkrRAROKH+nFuI7B/5Cx2S3dsa56na34jxm5pq5OwhLG/u1CdvoA+mdSAKsNKOsSHjQ+X87ZPGOCqwxEhctF8Z2teCnrF+\
        m3PWaR5dihFUqQZl7UPlx8gXMmqRRhkiG3ZSryKZELMEMkOw1Dk/C84el55SFLrJlrs1
        """),
    TrustVector(
      "RSA with SHA-1",
      key: """
        ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC2sZ4nrCioJlVll9vzI4pgI5kAuLAeObITdZxMqe+6x1tIaErK8tbi/4Hac4SQ\
        S72+7G+CDiRLIzxAgr0ACPxlZIxhnMyb30oEc1QWigeVtqr2ZAYDgeMMMbecBysRjfz5sjw3881agHdGB4RHlmOy6ntdrZ4wXsGz\
        eF2r6/ohtZkUIeKYT5WC61NKWmP917NgLXsBjoXgfEVn06pqWIDtM7wREb30csaXUy7SAUgfbyAoz7fkEhzrSjQKoOlbQ7UAku+i\
        ETJ/Yt1ei5pAopy1sUZdl/vIiajKmux6KP2z5P8THSQ9apQ3WQza/u2/HoGeZ2a7lt0DfMCIMwPeTWch
        """,
      signature: """
        U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBALaxniesKKgmVWWX2/MjimAjmQC4sB45shN1nEyp77rHW0hoSsry\
        1uL/gdpzhJBLvb7sb4IOJEsjPECCvQAI/GVkjGGczJvfSgRzVBaKB5W2qvZkBgOB4wwxt5wHKxGN/PmyPDfzzVqAd0YHhEeWY7Lq\
        e12tnjBewbN4Xavr+iG1mRQh4phPlYLrU0paY/3Xs2AtewGOheB8RWfTqmpYgO0zvBERvfRyxpdTLtIBSB9vICjPt+QSHOtKNAqg\
        6VtDtQCS76IRMn9i3V6LmkCinLWxRl2X+8iJqMqa7Hoo/bPk/xMdJD1qlDdZDNr+7b8egZ5nZruW3QN8wIgzA95NZyEAAAAQbW9v\
        bmdhdGUtc25pcHBldAAAAAAAAAAGc2hhNTEyAAABDwAAAAdzc2gtcnNhAAABAAHG0Q9a6XGm/Lh4RzF7c7L51KorSb9xTMqtT3ml\
        fXVFO8kBzWKM5AtMsb97tPhq4vPJWvldgth/UQR7JUx5TVs3vE47Ob6fPYYsJCp7TddXgaiv2qh5Flyv1U8G46TdKPQ63cBdL4fX\
        xWrtwln9Gwd5EQXy09/PEeHOkPCu58pzQLdpC3+DP4gkcjlOujgeOF7o6b5s3QIQ5SY1xMfjp2Np7OXDNSkl0ggoRZnICzowT1tG\
        GpMKQExhMyu2lKF+cW7+Fv2pNVAN2QueiKX6iMrcl/nX4AuErJe/tKIAi2lAChmYb+6r5GUFKs2IvklBIqNIv/wEYF+8D5iMwoLw\
        gI4=
        """),
    TrustVector(
      "a security key that nobody touched",
      key: """
        sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIOmI1EIk7td6OV4N3hhxK0KpkB/us\
        VvOyRuPahUHCwENAAAABHNzaDo=
        """,
      signature: """
        U1NIU0lHAAAAAQAAAEoAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAAAg6YjUQiTu13o5Xg3eGHErQqmQH+6xW87JG49q\
        FQcLAQ0AAAAEc3NoOgAAABBtb29uZ2F0ZS1zbmlwcGV0AAAAAAAAAAZzaGE1MTIAAABnAAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5z\
        c2guY29tAAAAQOYCZL20L2cWZqbGEE3G/Yj318OC/TeM1mZLecd42NfI2wQXWIXIZgztDoimiG8vqy7c0anf/svpgoOHwBA8JAYA\
        AAAABw==
        """),
    TrustVector(
      "made for git",
      key: """
        ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIxLCEanO6QqJjbere+rJ+SCjz/KgZpNMF3FltlewCEM
        """,
      signature: """
        U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgjEsIRqc7pComNt6t76sn5IKPP8qBmk0wXcWW2V7AIQwAAAADZ2l0AAAA\
        AAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQMS3yLAaOBWDzQYvwEfRgFu1he7x/Flfv3rtJBB6qC8aBSqo35Envcyl\
        HPiC1XxObTsu3mzJPkmqdazF7UgAYQE=
        """),
    TrustVector(
      "made for git, and says that it was not",
      key: """
        ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIxLCEanO6QqJjbere+rJ+SCjz/KgZpNMF3FltlewCEM
        """,
      signature: """
        U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgjEsIRqc7pComNt6t76sn5IKPP8qBmk0wXcWW2V7AIQwAAAAQbW9vbmdh\
        dGUtc25pcHBldAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEDEt8iwGjgVg80GL8BH0YBbtYXu8fxZX7967SQQ\
        eqgvGgUqqN+RJ73MpRz4gtV8Tm07Lt5syT5JqnWsxe1IAGEB
        """),
  ]
}
